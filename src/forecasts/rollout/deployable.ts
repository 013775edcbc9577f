import { AppError } from '../../platform/http/index.ts';
import type { ModelStage, ModelVersion } from '../registry/registry.service.ts';

/** Stages from which a model may come to forecast for others to see. */
export const DEPLOYABLE: readonly ModelStage[] = ['registered', 'archived'];

/** 409: this version must not be deployed. */
export class NotDeployableError extends AppError {
  constructor({ version, stage }: Pick<ModelVersion, 'version' | 'stage'>) {
    super(409, 'MODEL_NOT_DEPLOYABLE', `Model ${version} is ${stage === 'champion' ? 'the champion already' : stage}`);
  }
}
