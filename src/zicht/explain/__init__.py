"""What an event looks like: a shutdown or a fault, with the evidence for and against; never who."""
