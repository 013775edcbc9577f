# Example values.
account_id   = "333333333333"
region       = "ap-south-1"
repository   = "shelfcast/shelfcast"
environments = ["prod"]
