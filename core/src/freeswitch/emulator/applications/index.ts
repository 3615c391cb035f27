import { ApplicationRegistry } from '../application.ts';
import { addBasicApplications } from './basic.ts';
import { addBridgeApplications } from './bridge.ts';
import { addConferenceApplications } from './conference.ts';
import { addEavesdropApplications } from './eavesdrop.ts';
import { addMachineDetection } from './machine-detection.ts';
import { addPromptApplications } from './prompts.ts';
import { addRecordApplications } from './record.ts';
import { addSayApplications } from './say.ts';
import { addSocketApplication } from './socket.ts';

export function allApplications(): ApplicationRegistry {
  const registry = new ApplicationRegistry();
  addBasicApplications(registry);
  addPromptApplications(registry);
  addSayApplications(registry);
  addRecordApplications(registry);
  addBridgeApplications(registry);
  addEavesdropApplications(registry);
  addConferenceApplications(registry);
  addMachineDetection(registry);
  addSocketApplication(registry);
  return registry;
}
