"""Whether it worked: KPIs per tier by month, before against after a strategy began."""
