"""From stored runs to tables, figures and a page, without TensorFlow."""
