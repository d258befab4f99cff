import { runCommand } from './cli/command-line.js';

process.exitCode = await runCommand(process.argv.slice(2), process.env);
