/** One measure in a process of its own: prints its sample as JSON. Arguments: the measure, the folder of the packages. */
import { measures } from './measures.mjs';

const [, , name = '', packages = ''] = process.argv;
const measure = measures[name];
if (measure === undefined) throw new Error(`no measure ${name}`);
console.log(JSON.stringify(measure(packages)));
