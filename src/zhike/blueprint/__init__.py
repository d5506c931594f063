"""Stage 1, the template 模板: fields, thresholds, tiers, strategies and KPIs as one versioned YAML."""
