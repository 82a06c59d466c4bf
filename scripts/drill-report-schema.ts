import { writeOrCheck } from './generated-files';
import { publishedReportSchema } from '../src/drill/evidence/report-schema.lambda-shared';

// The form of a drill's report, for those who read reports by program; it ships with the package.
writeOrCheck({ 'schemas/drill-report-1.json': `${JSON.stringify(publishedReportSchema(), null, 2)}\n` }, 'npm run docs');
