import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './config.ts';

const BASE = { DATABASE_URL: 'postgres://u:p@h/d', JWT_SECRET: 'x'.repeat(32), DATA_DIR: '/data' };
const lake = (variables: Record<string, string>) => {
  const { lakeDir, lakeBucket } = loadConfig({ ...BASE, ...variables });
  return { lakeDir, lakeBucket };
};

describe('the lake', () => {
  it('is a folder unless told otherwise', () => {
    expect(lake({})).toEqual({ lakeDir: '/data/lake', lakeBucket: null });
    expect(lake({ LAKE_URL: 'file:///mnt/lake' })).toEqual({ lakeDir: '/mnt/lake', lakeBucket: null });
  });

  it('is a bucket of Amazon, or of a server of its own', () => {
    const plain = {
      bucket: 'my-lake',
      zones: new Map(),
      prefix: '',
      endpoint: null,
      pathStyle: false,
      region: null,
      kmsKeyId: null,
      roleArn: null,
    };
    expect(lake({ LAKE_URL: 's3://my-lake' }).lakeBucket).toEqual(plain);
    expect(
      lake({ LAKE_URL: 's3://my-lake/a/b/', AWS_REGION: 'ap-south-1', LAKE_KMS_KEY_ID: 'alias/lake' }).lakeBucket,
    ).toEqual({ ...plain, prefix: 'a/b/', region: 'ap-south-1', kmsKeyId: 'alias/lake' });
    expect(lake({ LAKE_URL: 's3://my-lake', LAKE_ENDPOINT: 'http://minio:9000' }).lakeBucket).toEqual({
      ...plain,
      endpoint: 'http://minio:9000',
      pathStyle: true,
      region: 'us-east-1',
    });
    expect(
      lake({
        LAKE_URL: 's3://my-lake',
        LAKE_ENDPOINT: 'https://s3.example',
        LAKE_PATH_STYLE: 'false',
        LAKE_REGION: 'eu-1',
        AWS_REGION: 'ap-south-1',
      }).lakeBucket,
    ).toMatchObject({ pathStyle: false, region: 'eu-1' });
  });

  it('is a bucket for each zone, and may be used by a role alone', () => {
    const roleArn = 'arn:aws:iam::123456789012:role/shelfcast-prod-upload';
    expect(
      lake({ LAKE_URL: 's3://my-lake-{zone}', LAKE_ZONES: 'raw,models=artefacts', LAKE_ROLE_ARN: roleArn }).lakeBucket,
    ).toMatchObject({
      bucket: 'my-lake-{zone}',
      zones: new Map([
        ['raw', 'raw'],
        ['models', 'artefacts'],
      ]),
      prefix: '',
      roleArn,
    });
  });

  it.each([
    ['LAKE_URL', { LAKE_URL: 's3://My_Lake' }],
    ['LAKE_URL', { LAKE_URL: 's3://lake/../other' }],
    ['LAKE_URL', { LAKE_URL: 's3://lake//x' }],
    ['LAKE_URL', { LAKE_URL: 'ftp://lake' }],
    ['LAKE_ENDPOINT', { LAKE_URL: 's3://lake', LAKE_ENDPOINT: 'minio:9000' }],
    ['LAKE_ENDPOINT', { LAKE_URL: 's3://lake', LAKE_ENDPOINT: 'http://user:secret@minio:9000' }],
    ['LAKE_URL', { LAKE_URL: 's3://{zone}-{zone}', LAKE_ZONES: 'raw' }],
    ['LAKE_URL', { LAKE_URL: `s3://${'x'.repeat(58)}-{zone}`, LAKE_ZONES: 'raw,curated' }],
    ['LAKE_ZONES', { LAKE_URL: 's3://my-lake-{zone}' }],
    ['LAKE_ZONES', { LAKE_URL: 's3://my-lake', LAKE_ZONES: 'raw' }],
    ['LAKE_ZONES', { LAKE_URL: 's3://my-lake-{zone}', LAKE_ZONES: 'raw,work' }],
    ['LAKE_ZONES', { LAKE_URL: 's3://my-lake-{zone}', LAKE_ZONES: 'raw,raw' }],
    ['LAKE_ZONES', { LAKE_URL: 's3://my-lake-{zone}', LAKE_ZONES: 'raw=a,raw=b' }],
    ['LAKE_ZONES', { LAKE_URL: 's3://my-lake-{zone}', LAKE_ZONES: 'raw=a,curated=a' }],
    ['LAKE_ZONES', { LAKE_URL: 's3://my-lake-{zone}', LAKE_ZONES: 'raw=a=b' }],
    ['LAKE_ZONES', { LAKE_URL: 's3://my-lake-{zone}', LAKE_ZONES: 'raw, curated/' }],
    ['LAKE_ROLE_ARN', { LAKE_URL: 's3://my-lake', LAKE_ROLE_ARN: 'upload' }],
  ])('names %s when it is malformed: %j', (name, variables) => {
    expect(() => lake(variables)).toThrow(new RegExp(`^${name}:`));
  });
});
