export * from '@element-plus/icons-vue';
