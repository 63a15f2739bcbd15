//! What has to be known of a module before it can be written anew.

use crate::Result;
use wasmparser::{
    Element, ElementItems, ExternalKind, FunctionBody, GlobalType, KnownCustom, MemoryType, Name, Operator, Parser,
    Payload, TableType, TypeRef, ValType,
};

/// Function indices count imports first, as everywhere in wasm.
pub struct Module<'a> {
    /// Parameters and results of each type.
    pub types: Vec<(Vec<ValType>, Vec<ValType>)>,
    /// The type of each function.
    pub functions: Vec<u32>,
    pub imported_functions: u32,
    pub tables: Vec<TableType>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<GlobalType>,
    /// Those that are not imported.
    pub bodies: Vec<FunctionBody<'a>>,
    /// Named by exports, tables and the start.
    pub rooted: Vec<u32>,
    pub names: Vec<(u32, &'a str)>,
}

impl<'a> Module<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self {
            types: Vec::new(),
            functions: Vec::new(),
            imported_functions: 0,
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            bodies: Vec::new(),
            rooted: Vec::new(),
            names: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload?)?;
        }
        if module.names.is_empty() {
            return Err("the module has no names: it was stripped".into());
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    let ty = ty?;
                    self.types.push((ty.params().to_vec(), ty.results().to_vec()));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    match import?.ty {
                        TypeRef::Func(ty) => self.functions.push(ty),
                        TypeRef::Table(table) => self.tables.push(table),
                        TypeRef::Memory(memory) => self.memories.push(memory),
                        TypeRef::Global(global) => self.globals.push(global),
                        other => return Err(format!("an import of {other:?}").into()),
                    }
                }
                self.imported_functions = u32::try_from(self.functions.len())?;
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global?;
                    self.globals.push(global.ty);
                    self.root_of(global.init_expr.get_operators_reader())?;
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.rooted.push(export.index);
                    }
                }
            }
            Payload::StartSection { func, .. } => self.rooted.push(func),
            Payload::ElementSection(section) => {
                for element in section {
                    self.element(element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    for part in names {
                        if let Name::Function(map) = part? {
                            for name in map {
                                let name = name?;
                                self.names.push((name.index, name.name));
                            }
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, element: Element<'a>) -> Result<()> {
        match element.items {
            ElementItems::Functions(functions) => {
                for function in functions {
                    self.rooted.push(function?);
                }
            }
            ElementItems::Expressions(_, expressions) => {
                for expression in expressions {
                    self.root_of(expression?.get_operators_reader())?;
                }
            }
        }
        Ok(())
    }

    fn root_of(&mut self, operators: wasmparser::OperatorsReader<'a>) -> Result<()> {
        for operator in operators {
            if let Operator::RefFunc { function_index } = operator? {
                self.rooted.push(function_index);
            }
        }
        Ok(())
    }

    /// The body of a function that is not imported.
    pub fn body(&self, function: u32) -> &FunctionBody<'a> {
        &self.bodies[(function - self.imported_functions) as usize]
    }

    /// All functions that are not imported.
    pub fn defined(&self) -> std::ops::Range<u32> {
        self.imported_functions..self.functions.len() as u32
    }

    /// The functions that a body names, and whether it takes a reference or only calls.
    pub fn named_by(&self, function: u32) -> Result<Vec<(u32, bool)>> {
        let mut named = Vec::new();
        for operator in self.body(function).get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    named.push((function_index, false));
                }
                Operator::RefFunc { function_index } => named.push((function_index, true)),
                Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. } => return Err("passive segments cannot be split".into()),
                _ => {}
            }
        }
        Ok(named)
    }
}
