//! The two files.

use crate::Result;
use crate::module::Module;
use std::collections::{BTreeMap, BTreeSet};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, ImportSection, Instruction, RefType, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, ExportSectionReader, FunctionSectionReader, GlobalSectionReader,
    ImportSectionReader, Parser, TableSectionReader, TypeSectionReader,
};

pub struct Files {
    pub first: Vec<u8>,
    pub later: Vec<u8>,
    pub stubs: usize,
}

/// Where everything goes.
struct Plan<'a, 'b> {
    module: &'b Module<'a>,
    /// The moved functions; their place is their slot in the table.
    slots: BTreeMap<u32, u32>,
    /// Moved, and named by what stays.
    stubs: BTreeSet<u32>,
    /// Functions that the second file takes from the first.
    shared: Vec<u32>,
    /// The index in the first file.
    in_first: BTreeMap<u32, u32>,
    /// The index in the second file.
    in_later: BTreeMap<u32, u32>,
    /// Of `load` and of the function that asks for it.
    empty_type: u32,
    ready: u32,
}

pub fn split(bytes: &[u8], module: &Module, moved: &BTreeSet<u32>) -> Result<Files> {
    let plan = Plan::new(module, moved)?;
    let mut first = wasm_encoder::Module::new();
    First(&plan).parse_core_module(&mut first, Parser::new(0), bytes).map_err(|error| error.to_string())?;
    let files = Files { first: first.finish(), later: later(bytes, &plan)?, stubs: plan.stubs.len() };
    for (name, file) in [("first", &files.first), ("second", &files.later)] {
        wasmparser::validate(file).map_err(|error| format!("the {name} file is no valid wasm: {error}"))?;
    }
    Ok(files)
}

impl<'a, 'b> Plan<'a, 'b> {
    fn new(module: &'b Module<'a>, moved: &BTreeSet<u32>) -> Result<Self> {
        let slots = (0..).zip(moved).map(|(slot, function)| (*function, slot)).collect::<BTreeMap<_, _>>();
        let mut stubs: BTreeSet<u32> = module.rooted.iter().copied().filter(|root| moved.contains(root)).collect();
        let mut shared = BTreeSet::new();
        for function in module.defined() {
            let is_moved = moved.contains(&function);
            for (named, _) in module.named_by(function)? {
                match (is_moved, moved.contains(&named)) {
                    (false, true) => _ = stubs.insert(named),
                    (true, false) => _ = shared.insert(named),
                    _ => {}
                }
            }
        }
        // `load` is the last import: everything that is not imported moves on by one, and over the gaps.
        let imported = module.imported_functions;
        let mut in_first: BTreeMap<u32, u32> = (0..imported).map(|function| (function, function)).collect();
        let mut next = imported + 1;
        for function in module.defined().filter(|function| !moved.contains(function) || stubs.contains(function)) {
            in_first.insert(function, next);
            next += 1;
        }
        let shared: Vec<u32> = shared.into_iter().collect();
        let in_later = (0..).zip(shared.iter().chain(moved)).map(|(index, function)| (*function, index)).collect();
        let empty_type = u32::try_from(module.types.len())?;
        Ok(Self { module, slots, stubs, shared, in_first, in_later, empty_type, ready: next })
    }

    /// The table of the moved functions, after all others.
    fn table(&self) -> u32 {
        self.module.tables.len() as u32
    }

    /// Whether the second file is here, after all other globals.
    fn is_loaded(&self) -> u32 {
        self.module.globals.len() as u32
    }

    fn table_type(&self) -> TableType {
        let size = self.slots.len() as u64;
        TableType { element_type: RefType::FUNCREF, table64: false, minimum: size, maximum: Some(size), shared: false }
    }

    /// Calls the moved function that has this slot.
    fn stub(&self, function: u32, slot: u32) -> Function {
        let ty = self.module.functions[function as usize];
        let mut body = Function::new([]);
        body.instruction(&Instruction::Call(self.ready));
        for parameter in 0..self.module.types[ty as usize].0.len() as u32 {
            body.instruction(&Instruction::LocalGet(parameter));
        }
        body.instruction(&Instruction::I32Const(slot as i32));
        body.instruction(&Instruction::CallIndirect { type_index: ty, table_index: self.table() });
        body.instruction(&Instruction::End);
        body
    }

    /// Asks for the second file unless it is here.
    fn asking(&self) -> Function {
        let mut body = Function::new([]);
        body.instruction(&Instruction::GlobalGet(self.is_loaded()));
        body.instruction(&Instruction::I32Eqz);
        body.instruction(&Instruction::If(wasm_encoder::BlockType::Empty));
        body.instruction(&Instruction::Call(self.module.imported_functions));
        body.instruction(&Instruction::End);
        body.instruction(&Instruction::End);
        body
    }
}

type Encoded<T> = std::result::Result<T, Error<String>>;

fn gone(function: u32) -> Error<String> {
    Error::UserError(format!("function {function} is named where it is not"))
}

struct First<'p, 'a, 'b>(&'p Plan<'a, 'b>);

impl Reencode for First<'_, '_, '_> {
    type Error = String;

    fn function_index(&mut self, function: u32) -> Encoded<u32> {
        self.0.in_first.get(&function).copied().ok_or_else(|| gone(function))
    }

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Encoded<()> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], []);
        Ok(())
    }

    fn parse_import_section(&mut self, imports: &mut ImportSection, section: ImportSectionReader<'_>) -> Encoded<()> {
        utils::parse_import_section(self, imports, section)?;
        imports.import("lavender", "load", EntityType::Function(self.0.empty_type));
        Ok(())
    }

    fn parse_function_section(&mut self, functions: &mut FunctionSection, _: FunctionSectionReader<'_>) -> Encoded<()> {
        let plan = self.0;
        for function in plan.module.defined().filter(|function| plan.in_first.contains_key(function)) {
            functions.function(plan.module.functions[function as usize]);
        }
        functions.function(plan.empty_type);
        Ok(())
    }

    fn parse_table_section(&mut self, tables: &mut TableSection, section: TableSectionReader<'_>) -> Encoded<()> {
        utils::parse_table_section(self, tables, section)?;
        tables.table(self.0.table_type());
        Ok(())
    }

    fn parse_global_section(&mut self, globals: &mut GlobalSection, section: GlobalSectionReader<'_>) -> Encoded<()> {
        utils::parse_global_section(self, globals, section)?;
        let flag = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(flag, &ConstExpr::i32_const(0));
        Ok(())
    }

    fn parse_export_section(&mut self, exports: &mut ExportSection, section: ExportSectionReader<'_>) -> Encoded<()> {
        utils::parse_export_section(self, exports, section)?;
        let plan = self.0;
        for (at, function) in plan.shared.iter().enumerate() {
            exports.export(&format!("lv_f{at}"), ExportKind::Func, self.function_index(*function)?);
        }
        for table in 0..=plan.table() {
            exports.export(&format!("lv_t{table}"), ExportKind::Table, table);
        }
        for memory in 0..plan.module.memories.len() as u32 {
            exports.export(&format!("lv_m{memory}"), ExportKind::Memory, memory);
        }
        for global in 0..plan.is_loaded() {
            exports.export(&format!("lv_g{global}"), ExportKind::Global, global);
        }
        exports.export("lv_loaded", ExportKind::Global, plan.is_loaded());
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, _: CodeSectionReader<'_>) -> Encoded<()> {
        let plan = self.0;
        for function in plan.module.defined().filter(|function| plan.in_first.contains_key(function)) {
            match plan.slots.get(&function) {
                Some(slot) => _ = code.function(&plan.stub(function, *slot)),
                None => self.parse_function_body(code, plan.module.body(function).clone())?,
            }
        }
        code.function(&plan.asking());
        Ok(())
    }

    // Names are for this program; the rest is for tools.
    fn parse_custom_section(&mut self, _: &mut wasm_encoder::Module, _: CustomSectionReader<'_>) -> Encoded<()> {
        Ok(())
    }
}

struct Later<'p, 'a, 'b>(&'p Plan<'a, 'b>);

impl Reencode for Later<'_, '_, '_> {
    type Error = String;

    fn function_index(&mut self, function: u32) -> Encoded<u32> {
        self.0.in_later.get(&function).copied().ok_or_else(|| gone(function))
    }
}

fn later(bytes: &[u8], plan: &Plan) -> Result<Vec<u8>> {
    let encoded = |error: Error<String>| error.to_string();
    let (module, mut later) = (plan.module, Later(plan));

    let mut types = TypeSection::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let wasmparser::Payload::TypeSection(section) = payload? {
            later.parse_type_section(&mut types, section).map_err(encoded)?;
        }
    }

    let mut imports = ImportSection::new();
    for (at, function) in plan.shared.iter().enumerate() {
        imports.import("first", &format!("lv_f{at}"), EntityType::Function(module.functions[*function as usize]));
    }
    for (at, table) in module.tables.iter().enumerate() {
        imports.import("first", &format!("lv_t{at}"), later.table_type(*table).map_err(encoded)?);
    }
    imports.import("first", &format!("lv_t{}", plan.table()), plan.table_type());
    for (at, memory) in module.memories.iter().enumerate() {
        imports.import("first", &format!("lv_m{at}"), later.memory_type(*memory).map_err(encoded)?);
    }
    for (at, global) in module.globals.iter().enumerate() {
        imports.import("first", &format!("lv_g{at}"), later.global_type(*global).map_err(encoded)?);
    }

    let (mut functions, mut code, mut referred) = (FunctionSection::new(), CodeSection::new(), BTreeSet::new());
    for function in plan.slots.keys() {
        functions.function(module.functions[*function as usize]);
        later.parse_function_body(&mut code, module.body(*function).clone()).map_err(encoded)?;
        referred.extend(module.named_by(*function)?.into_iter().filter(|named| named.1).map(|named| named.0));
    }

    let indices =
        |list: &mut dyn Iterator<Item = &u32>| list.map(|function| plan.in_later[function]).collect::<Vec<_>>();
    let moved = indices(&mut plan.slots.keys());
    let mut elements = ElementSection::new();
    elements.active(Some(plan.table()), &ConstExpr::i32_const(0), Elements::Functions(moved.into()));
    let referred = indices(&mut referred.iter());
    if !referred.is_empty() {
        elements.declared(Elements::Functions(referred.into()));
    }

    let mut output = wasm_encoder::Module::new();
    output.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
    Ok(output.finish())
}
