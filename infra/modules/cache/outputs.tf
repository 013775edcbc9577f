output "host" {
  description = "Where writes go, also after a failover; of a cluster, where its nodes are asked for."
  value       = local.cluster ? aws_elasticache_replication_group.this.configuration_endpoint_address : aws_elasticache_replication_group.this.primary_endpoint_address
}

output "cluster" {
  description = "Whether it is a Redis Cluster, which clients must know."
  value       = local.cluster
}

output "replication_group_id" {
  description = "The group, for the script that sets the token."
  value       = aws_elasticache_replication_group.this.replication_group_id
}

output "member_ids" {
  description = "Nodes by the names CloudWatch gives them."
  value = local.cluster ? flatten([for shard in range(var.shards) : [
    for i in range(var.node_count) : format("%s-%04d-%03d", var.name, shard + 1, i + 1)
  ]]) : [for i in range(var.node_count) : format("%s-%03d", var.name, i + 1)]
}
