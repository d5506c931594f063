"""What is true without a database or a web server: field types, cleaning, Chinese standards, masking, rules, blueprints."""
