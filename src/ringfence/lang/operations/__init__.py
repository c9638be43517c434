"""What is done with values, whatever they are: reading and changing their parts, and making new ones of them."""
