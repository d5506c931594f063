"""National standards as data: gbt4754-2017.csv is 国民经济行业分类 GB/T 4754-2017."""
