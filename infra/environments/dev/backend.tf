# Bucket and key are those that bootstrap made: `terraform init -backend-config=backend.hcl` names them.
terraform {
  backend "s3" {
    key          = "shelfcast/dev.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
