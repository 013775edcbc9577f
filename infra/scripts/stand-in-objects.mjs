// Stands for the S3 store while docker-compose.yml is checked: keeps objects in memory, answers the one access key it was given.
import { startS3Server } from '../../test/support/s3-server.ts';

const server = await startS3Server(['lake'], { host: '0.0.0.0', port: 8333, keyId: process.env.AWS_ACCESS_KEY_ID });
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
