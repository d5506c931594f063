"""Understanding 洞察: what each customer is worth, how recent, how often; and how the whole base is made up."""
