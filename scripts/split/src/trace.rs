//! A module that tells which of its functions run.

use crate::Result;
use crate::module::Module;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, EntityType, ImportSection, Instruction, TypeSection};
use wasmparser::{CodeSectionReader, FunctionBody, ImportSectionReader, Parser, TypeSectionReader};

struct Trace {
    imported: u32,
    /// The type of `ran`.
    ran_type: u32,
    next: u32,
}

/// Every function begins with `lavender.ran(its index in the original)`.
pub fn traced(bytes: &[u8], module: &Module) -> Result<Vec<u8>> {
    let mut trace = Trace {
        imported: module.imported_functions,
        ran_type: u32::try_from(module.types.len())?,
        next: module.imported_functions,
    };
    let mut output = wasm_encoder::Module::new();
    trace.parse_core_module(&mut output, Parser::new(0), bytes).map_err(|error| error.to_string())?;
    Ok(output.finish())
}

impl Reencode for Trace {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> std::result::Result<u32, Error<Self::Error>> {
        Ok(if function < self.imported { function } else { function + 1 })
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> std::result::Result<(), Error<Self::Error>> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([wasm_encoder::ValType::I32], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> std::result::Result<(), Error<Self::Error>> {
        utils::parse_import_section(self, imports, section)?;
        imports.import("lavender", "ran", EntityType::Function(self.ran_type));
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> std::result::Result<(), Error<Self::Error>> {
        for body in section {
            self.parse_function_body(code, body?)?;
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> std::result::Result<(), Error<Self::Error>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(self.next as i32));
        function.instruction(&Instruction::Call(self.imported));
        self.next += 1;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            function.instruction(&self.parse_instruction(&mut operators)?);
        }
        code.function(&function);
        Ok(())
    }
}
