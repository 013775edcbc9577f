output "vpc_id" {
  description = "The network."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer, in the order of the zones."
  value       = [for az in var.azs : aws_subnet.public[az].id]
}

output "app_subnet_ids" {
  description = "Subnets of the tasks, in the order of the zones."
  value       = [for az in var.azs : aws_subnet.app[az].id]
}

output "training_subnet_ids" {
  description = "Subnets of the workers that train, in the order of the zones; empty where there are none."
  value       = [for az in keys(local.training_zones) : aws_subnet.training[az].id]
}

output "data_subnet_ids" {
  description = "Subnets of database and cache, in the order of the zones."
  value       = [for az in var.azs : aws_subnet.data[az].id]
}

output "nat_gateway_count" {
  description = "NAT gateways that are paid for."
  value       = length(aws_nat_gateway.this)
}
