"""The tickets and rules every measurement of deciding uses, made from a seed."""
