// The products. A change names the state that the reader saw, so nobody's change is lost unseen.
import { signal } from '@preact/signals';
import { get, post } from '../../http.js';
import { loader } from '../loader.js';

export const products = loader(async () => (await get('products')).products);
export const editing = signal(null); // null: closed; {}: a new one; else the product as it was opened

const put = (product) => {
  const rest = (products.data.value ?? []).filter(({ id }) => id !== product.id);
  products.data.value = [...rest, product].sort((a, b) => (a.id < b.id ? -1 : 1));
};

// Raises ApiError; someone faster: code "conflict", and the list has their state.
export async function saveProduct(old, values) {
  try {
    const path = old.id ? `products/${encodeURIComponent(old.id)}` : 'products';
    const { product } = await post(path, old.id ? { ...values, updatedAt: old.updatedAt } : values);
    put(product);
    return product;
  } catch (error) {
    if (error.body?.product) put(error.body.product);
    throw error;
  }
}

export const tryProduct = (productId) => post('simulator/orders', { productId });
