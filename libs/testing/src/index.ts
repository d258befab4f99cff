export { FakeIssuer, type FixedAnswer, type TokenRequest } from './fake-issuer.js';
export { findFreePort } from './free-port.js';
export { RawUpstream, type RawRequest } from './raw-upstream.js';
export { RecordingUpstream, type Answerer, type RecordedAnswer, type RecordedRequest } from './recording-upstream.js';
