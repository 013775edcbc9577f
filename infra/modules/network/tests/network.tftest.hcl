mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name             = "shelfcast-test"
  region           = "ap-south-1"
  azs              = ["ap-south-1a", "ap-south-1b"]
  nat_per_az       = true
  logs_kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
}

run "addresses" {
  command = plan
  assert {
    condition     = aws_vpc.this.cidr_block == "10.0.0.0/16"
    error_message = "The network is 10.0.0.0/16."
  }
  assert {
    condition     = [for az in var.azs : aws_subnet.public[az].cidr_block] == ["10.0.1.0/24", "10.0.2.0/24"]
    error_message = "Public subnets are .1 and .2."
  }
  assert {
    condition     = [for az in var.azs : aws_subnet.app[az].cidr_block] == ["10.0.3.0/24", "10.0.4.0/24"]
    error_message = "App subnets are .3 and .4."
  }
  assert {
    condition     = [for az in var.azs : aws_subnet.data[az].cidr_block] == ["10.0.5.0/24", "10.0.6.0/24"]
    error_message = "Data subnets are .5 and .6."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 2
    error_message = "A gateway in each zone."
  }
  assert {
    condition     = length(aws_subnet.training) == 0 && length(aws_route_table_association.training) == 0
    error_message = "No subnet that nobody asked for."
  }
}

run "training_apart" {
  command = plan
  variables {
    training_cidrs = ["10.0.7.0/24", "10.0.8.0/24"]
  }
  assert {
    condition     = [for az in var.azs : aws_subnet.training[az].cidr_block] == ["10.0.7.0/24", "10.0.8.0/24"] && length(aws_route_table_association.training) == 2
    error_message = "Training subnets are .7 and .8, with a way out."
  }
}

run "training_in_one_zone" {
  command = plan
  variables {
    training_cidrs = ["10.0.7.0/24"]
  }
  expect_failures = [aws_vpc.this]
}

run "one_gateway" {
  command = plan
  variables {
    nat_per_az = false
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1
    error_message = "One gateway for all."
  }
}

run "one_zone" {
  command = plan
  variables {
    azs = ["ap-south-1a"]
  }
  expect_failures = [var.azs]
}

run "too_few_subnets" {
  command = plan
  variables {
    azs          = ["ap-south-1a", "ap-south-1b"]
    public_cidrs = ["10.0.1.0/24", "10.0.2.0/24", "10.0.9.0/24"]
  }
  expect_failures = [aws_vpc.this]
}

run "small_network" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.0/24"
  }
  expect_failures = [var.vpc_cidr]
}
