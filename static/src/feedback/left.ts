/** The person read what an edit means, and left it as it was: nothing to tell them of. */
export const LEFT = "left_as_it_was";
