"""Recipe of the embedded model: data, teacher, vocabulary, distillation, alignment, export."""
