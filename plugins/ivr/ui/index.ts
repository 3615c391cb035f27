import { defineUi } from '@jackfield/admin-ui/sdk';

export default defineUi({
  pages: {
    FlowsPage: () => import('./pages/FlowsPage.vue'),
    FlowPage: () => import('./pages/FlowPage.vue'),
  },
});
