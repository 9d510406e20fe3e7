"""What the synthetic texts are made of: facts, tips, recipes, places and phrases, written for this project."""
