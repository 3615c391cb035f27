import { defineUi } from '@jackfield/admin-ui/sdk';
import AgentStatus from './slots/AgentStatus.vue';

export default defineUi({
  pages: {
    LivePage: () => import('./pages/LivePage.vue'),
    AgentsPage: () => import('./pages/AgentsPage.vue'),
    QueuesPage: () => import('./pages/QueuesPage.vue'),
  },
  slots: { AgentStatus },
});
