import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const typesFile = fileURLToPath(new URL('contract-types.ts', import.meta.url));

/** Puts the documentation of TypeScript types into JSON Schemas, so that it is written once. */
export class Descriptions {
  readonly #checker: ts.TypeChecker;
  readonly #types: ts.Type;

  constructor() {
    const options: ts.CompilerOptions = {
      ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true, types: [] },
      ...{ target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, exactOptionalPropertyTypes: true },
    };
    const program = ts.createProgram([typesFile], options);
    const source = program.getSourceFile(typesFile);
    this.#checker = program.getTypeChecker();
    const found = source?.statements.find(ts.isInterfaceDeclaration);
    if (found === undefined) throw new Error(`${typesFile} has no interface`);
    this.#types = this.#checker.getTypeAtLocation(found);
  }

  /** Describes a schema by a type of `ContractTypes`. */
  describe(name: string, schema: JsonSchema): void {
    const symbol = this.#types.getProperty(name);
    if (symbol === undefined) throw new Error(`there is no type of ${name}`);
    this.#walk(schema, this.#checker.getTypeOfSymbol(symbol));
  }

  #textOf(symbol: ts.Symbol): string {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).replace(/\s+/g, ' ').trim();
  }

  // A field of a union is documented where one of its parts says something.
  #propertyOf(type: ts.Type, name: string): ts.Symbol[] {
    const parts = type.isUnion() ? type.types : [type];
    return parts.flatMap((part) => this.#checker.getPropertyOfType(this.#checker.getApparentType(part), name) ?? []);
  }

  #walk(schema: JsonSchema, type: ts.Type): void {
    for (const part of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) this.#walk(part, type);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (typeof property === 'boolean') continue;
      const symbols = this.#propertyOf(type, name);
      const description = symbols.map((symbol) => this.#textOf(symbol)).find((text) => text !== '');
      if (description !== undefined && property.description === undefined) property.description = description;
      const [symbol] = symbols;
      if (symbol !== undefined) this.#walk(property, this.#checker.getTypeOfSymbol(symbol));
    }
    if (schema.items !== undefined && typeof schema.items === 'object' && !Array.isArray(schema.items)) {
      const lists = (type.isUnion() ? type.types : [type]).filter((part) => this.#checker.isArrayType(part));
      const [list] = lists;
      const item = list === undefined ? undefined : this.#checker.getTypeArguments(list as ts.TypeReference)[0];
      if (item !== undefined) this.#walk(schema.items, item);
    }
  }
}
