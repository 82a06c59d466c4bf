// Loaded into every Lambda that ministack starts (NODE_OPTIONS): says at the gateway which function of which Region calls.
// The credentials say it too, of calls that are signed; sign-up and sign-in are not.
const http = require('http');
const { syncBuiltinESMExports } = require('module');

const name = process.env.AWS_LAMBDA_FUNCTION_NAME;
if (name) {
  const caller = `${process.env.AWS_REGION}/${name}`;
  const request = http.request;
  http.request = function (...args) {
    const made = request.apply(this, args);
    if (!made.headersSent) {
      made.setHeader('x-local-aws-caller', caller);
    }
    return made;
  };
  // For whoever imports http instead of requiring it.
  syncBuiltinESMExports();
}
