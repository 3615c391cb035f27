import { ApiRegistry } from '../api.ts';
import type { SwitchCore } from '../switch-core.ts';
import { addCallCommands } from './call.ts';
import { addConferenceCommands } from './conference.ts';
import { addCoreCommands } from './core.ts';
import { addHashCommands } from './hash.ts';
import { addJackfieldCommands } from './jackfield.ts';
import { addMediaCommands } from './media.ts';
import { addOriginateCommands } from './originate.ts';
import { addScheduleCommands } from './schedule.ts';
import { addShowCommands } from './show.ts';
import { addSofiaCommands } from './sofia.ts';
import { addVariableCommands } from './variables.ts';

export function allCommands(core: SwitchCore): ApiRegistry {
  const registry = new ApiRegistry(core);
  addCoreCommands(core, registry);
  addVariableCommands(core, registry);
  addCallCommands(core, registry);
  addOriginateCommands(core, registry);
  addMediaCommands(core, registry);
  addShowCommands(core, registry);
  addHashCommands(core, registry);
  addScheduleCommands(core, registry);
  addSofiaCommands(core, registry);
  addConferenceCommands(core, registry);
  addJackfieldCommands(core, registry);
  return registry;
}
