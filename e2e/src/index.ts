export { suites } from './runner/suites.ts';
