/// Nothing tells a closed stream from `/dev/null`.
pub(crate) fn refuse_where_closed() {}
