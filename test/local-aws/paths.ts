import * as path from 'node:path';

export const PROJECT_ROOT = path.resolve(__dirname, '../..');
/** Everything that the local AWS leaves on disk: virtual environment, logs, temporary files. Ignored by git and npm. */
export const WORK_DIRECTORY = path.join(PROJECT_ROOT, '.local-aws');
