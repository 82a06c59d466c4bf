export * from './cognito-dr-replica';
