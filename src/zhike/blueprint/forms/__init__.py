"""Forms that edit a blueprint: each starts from a part of it and gives a changed part back."""
