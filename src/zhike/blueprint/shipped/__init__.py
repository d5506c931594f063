"""The blueprints that come with the product: retail.yaml (people) and companies.yaml (companies)."""
