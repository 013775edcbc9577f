locals {
  tags = { Project = "shelfcast", Environment = "dev", ManagedBy = "terraform" }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]
  default_tags {
    tags = local.tags
  }
}

# Copies; without a region of recovery nothing is made here.
provider "aws" {
  alias               = "replica"
  region              = coalesce(var.dr_region, var.region)
  allowed_account_ids = [var.account_id]
  default_tags {
    tags = local.tags
  }
}

# CloudFront's firewall lives in this region whatever it serves.
provider "aws" {
  alias               = "edge"
  region              = "us-east-1"
  allowed_account_ids = [var.account_id]
  default_tags {
    tags = local.tags
  }
}
