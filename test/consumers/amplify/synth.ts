/**
 * Synthesises the backend as `ampx sandbox` and `ampx pipeline-deploy` do: the identifier of the backend comes in the CDK's context, the backend
 * is imported, and told to synthesise. What they do then, deploy all stacks of the assembly, is left out.
 *
 *   tsx synth.ts <folder for the cloud assembly> <sandbox | branch>
 */
const [folder, type] = process.argv.slice(2);
process.env.CDK_OUTDIR = folder;
process.env.CDK_CONTEXT_JSON = JSON.stringify({
  'amplify-backend-namespace': 'shop',
  'amplify-backend-name': 'main',
  'amplify-backend-type': type,
});
await import('./amplify/backend.js');
process.emit('message', 'amplifySynth', undefined);

// A module, in which await may stand alone.
export {};
