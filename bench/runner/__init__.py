# bench/runner/__init__.py — what the commands of bench/ are made of
