declare module "*.css" {
  const text: string;
  export default text;
}
declare module "virtual:helplines" {
  const helplines: { name: string; phone?: string; sms?: string; option?: string }[];
  export default helplines;
}
