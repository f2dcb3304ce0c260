//! Integration tests of signing in to the pages: the whole way through the sandbox's OpenID provider and back, over real
//! HTTP, by a browser that keeps its cookies and follows nothing by itself.

mod browser;
mod endings;
mod forged;
mod forms;
mod way;
