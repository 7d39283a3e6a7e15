// One client library of others against a simulated WeChat: `node node.mjs CLIENT`, with the settings
// and the deeds as JSON on standard input; the results, in their order, as JSON on standard output.
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { client, settings, deeds } = JSON.parse(await text(process.stdin));

async function text(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

// The clients call WeChat's own address, which here is the simulator.
const { hostname, port } = new URL(settings.wechat);
https.request = (target, ...rest) => {
  const given = target instanceof URL ? { path: target.pathname + target.search } : target;
  return http.request({ ...given, protocol: 'http:', hostname, host: hostname, port, agent: undefined }, ...rest);
};

const ask = { attach: 'table 7', notify_url: settings.notifyUrl };

function nodeV3() {
  const Pay = require('wechatpay-node-v3');
  const { appId: appid, mchId: mchid, certificate, privateKey, v3Key: key } = settings;
  // Its serial number is read from the certificate, as its manual has it.
  const pay = new Pay({
    appid,
    mchid,
    key,
    publicKey: Buffer.from(certificate),
    privateKey: Buffer.from(privateKey),
  });
  const done = ({ status, data, error }) => {
    if (status > 299) throw new Error(`${status} ${error}`);
    return data;
  };
  return {
    prepay: async (out_trade_no, total) =>
      done(
        await pay.transactions_native({
          description: '龙井茶',
          out_trade_no,
          ...ask,
          amount: { total },
        }),
      ).code_url,
    query: async (out_trade_no) => done(await pay.query({ out_trade_no })).trade_state,
    close: async (out_trade_no) => done(await pay.close(out_trade_no)) && 'closed',
    refund: async (out_trade_no, out_refund_no, total, refund) =>
      done(
        await pay.refunds({
          out_trade_no,
          out_refund_no,
          amount: { total, refund, currency: 'CNY' },
        }),
      ).status,
    read: async (headers, body) => {
      const proven = await pay.verifySign({
        timestamp: headers['wechatpay-timestamp'],
        nonce: headers['wechatpay-nonce'],
        serial: headers['wechatpay-serial'],
        signature: headers['wechatpay-signature'],
        body,
      });
      const { ciphertext, associated_data, nonce } = JSON.parse(body).resource;
      return proven && pay.decipher_gcm(ciphertext, associated_data, nonce, key).out_trade_no;
    },
  };
}

function axiosPlugin() {
  const { Wechatpay, Formatter, Rsa, Aes } = require('wechatpay-axios-plugin');
  const { mchId: mchid, serial, privateKey, publicKeys, v3Key } = settings;
  const certs = Object.fromEntries(publicKeys);
  const wxpay = new Wechatpay({ mchid, serial, privateKey, certs });
  const one = () => wxpay.v3.pay.transactions.outTradeNo['{out_trade_no}'];
  return {
    prepay: async (out_trade_no, total) =>
      (
        await wxpay.v3.pay.transactions.native.post({
          appid: settings.appId,
          mchid,
          description: '龙井茶',
          out_trade_no,
          ...ask,
          amount: { total },
        })
      ).data.code_url,
    query: async (out_trade_no) => (await one().get({ params: { mchid }, out_trade_no })).data.trade_state,
    close: async (out_trade_no) => (await one().close.post({ mchid }, { out_trade_no })).status === 204 && 'closed',
    refund: async (out_trade_no, out_refund_no, total, refund) =>
      (
        await wxpay.v3.refund.domestic.refunds.post({
          out_trade_no,
          out_refund_no,
          amount: { total, refund, currency: 'CNY' },
        })
      ).data.status,
    read: async (headers, body) => {
      const { 'wechatpay-timestamp': time, 'wechatpay-nonce': nonce } = headers;
      const key = Rsa.from(certs[headers['wechatpay-serial']], Rsa.KEY_TYPE_PUBLIC);
      const proven = Rsa.verify(Formatter.response(time, nonce, body), headers['wechatpay-signature'], key);
      const { resource } = JSON.parse(body);
      const opened = Aes.AesGcm.decrypt(resource.ciphertext, v3Key, resource.nonce, resource.associated_data);
      return proven && JSON.parse(opened).out_trade_no;
    },
  };
}

function tenpay() {
  const { init } = require('tenpay');
  const api = init({
    appid: settings.appId,
    mchid: settings.mchId,
    partnerKey: settings.v2Key,
    notify_url: settings.notifyUrl,
  });
  return {
    prepay: async (out_trade_no, total_fee) =>
      (
        await api.unifiedOrder({
          out_trade_no,
          body: '龙井茶',
          total_fee,
          trade_type: 'NATIVE',
          product_id: 'tea',
          attach: ask.attach,
        })
      ).code_url,
    query: async (out_trade_no) => (await api.orderQuery({ out_trade_no })).trade_state,
    close: async (out_trade_no) => (await api.closeOrder({ out_trade_no })) && 'closed',
    refund: async (out_trade_no, out_refund_no, total_fee, refund_fee) =>
      (await api.refund({ out_trade_no, out_refund_no, total_fee, refund_fee })).result_code,
    read: async (headers, body) =>
      new Promise((resolve, reject) => {
        const request = { body, weixin: null };
        const reply = { header: () => {}, send: (words) => reject(new Error(words)) };
        api.middlewareForExpress('pay')(request, reply, () => resolve(request.weixin.out_trade_no));
      }),
  };
}

const CLIENTS = {
  'wechatpay-node-v3': nodeV3,
  'wechatpay-axios-plugin': axiosPlugin,
  tenpay,
};
const used = CLIENTS[client]();
const results = [];
for (const [deed, ...given] of deeds) results.push(await used[deed](...given));
console.log(JSON.stringify(results));
