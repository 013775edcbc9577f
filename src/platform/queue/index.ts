export { AcceptedJobDto, JobDto } from './job.dto.ts';
export { JobProcessor, JobStoppedError, QueueProcessor } from './job-processor.ts';
export type { JobContext } from './job-run.ts';
export type { Job } from './job.entity.ts';
export { JobsService } from './jobs.service.ts';
export { migrateQueues } from './queue-backend.ts';
export { QueueModule } from './queue.module.ts';
export { JobSweeper } from './sweeper.ts';
