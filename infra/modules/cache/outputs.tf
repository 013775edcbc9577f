output "host" {
  description = "Where writes go, also after a failover."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "replication_group_id" {
  description = "The group, for the script that sets the token."
  value       = aws_elasticache_replication_group.this.replication_group_id
}

output "member_ids" {
  description = "Nodes by the names CloudWatch gives them."
  value       = [for i in range(var.node_count) : format("%s-%03d", var.name, i + 1)]
}
