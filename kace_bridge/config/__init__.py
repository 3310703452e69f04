"""From YAML files to checked values, with the line of everything that is wrong."""
