"""One record per customer: identities, contact points, values with their sources, history, and the pages to work with them."""
