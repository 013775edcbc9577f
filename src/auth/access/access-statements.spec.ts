import 'reflect-metadata';
import { Controller, Get } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { AllowRole, Public } from '../../platform/http/access.ts';
import { AccessStatements } from './access-statements.ts';

@Controller('stated')
@AllowRole('viewer')
class StatedController {
  @Get() list(): void {}
  @Get('open') @Public() open(): void {}
}

@Controller('silent')
class SilentController {
  @Get() @Public() stated(): void {}
  @Get('forgotten') forgotten(): void {}
}

async function start(...controllers: (typeof StatedController | typeof SilentController)[]): Promise<void> {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers,
    providers: [AccessStatements],
  }).compile();
  module.get(AccessStatements).onApplicationBootstrap();
}

describe('AccessStatements', () => {
  it('lets an application start whose routes all state who may use them', async () => {
    await expect(start(StatedController)).resolves.toBeUndefined();
  });

  it('names the route that does not', async () => {
    await expect(start(StatedController, SilentController)).rejects.toThrow(/: SilentController\.forgotten \(GET\)$/);
  });
});
