export { connectCluster } from './cluster-client.ts';
export type { ClusterSettings } from './cluster-client.ts';
