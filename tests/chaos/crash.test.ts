import { describeCrashes } from './crash-scenarios.ts';
import { emulatorSwitch } from './emulator-switch.ts';

describeCrashes('The server is killed, on the emulator', () => emulatorSwitch());
