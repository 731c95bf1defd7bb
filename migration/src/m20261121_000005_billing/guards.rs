//! What no code may do, held by the database: change the ledger, or what a finalized invoice says. On PostgreSQL the
//! role of the program may not change the ledger at all (see `roles`); SQLite has no roles and gets triggers.

pub const SQLITE: &str = "
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_entries_remain BEFORE DELETE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_postings_stay BEFORE UPDATE ON ledger_postings BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_postings_remain BEFORE DELETE ON ledger_postings BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER invoices_stay BEFORE UPDATE ON invoices WHEN OLD.number IS NOT NULL AND (
    NEW.number IS NOT OLD.number OR NEW.customer_id <> OLD.customer_id OR NEW.currency <> OLD.currency OR NEW.issued_on <> OLD.issued_on
    OR NEW.subtotal_minor <> OLD.subtotal_minor OR NEW.discount_minor <> OLD.discount_minor OR NEW.tax_minor <> OLD.tax_minor
    OR NEW.total_minor <> OLD.total_minor OR NEW.seller_details <> OLD.seller_details OR NEW.customer_details <> OLD.customer_details)
BEGIN SELECT RAISE(ABORT, 'a finalized invoice does not change'); END;
CREATE TRIGGER invoices_remain BEFORE DELETE ON invoices WHEN OLD.number IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a finalized invoice does not change'); END;
CREATE TRIGGER invoice_lines_stay BEFORE UPDATE ON invoice_lines
WHEN EXISTS (SELECT 1 FROM invoices i WHERE i.seller_id = OLD.seller_id AND i.id = OLD.invoice_id AND i.number IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a finalized invoice does not change'); END;
CREATE TRIGGER invoice_lines_remain BEFORE DELETE ON invoice_lines
WHEN EXISTS (SELECT 1 FROM invoices i WHERE i.seller_id = OLD.seller_id AND i.id = OLD.invoice_id AND i.number IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a finalized invoice does not change'); END;
";

pub const POSTGRES: &str = "
CREATE FUNCTION invoices_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.number IS NULL THEN IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF; END IF;
    IF TG_OP = 'UPDATE' AND (NEW.number, NEW.customer_id, NEW.currency, NEW.issued_on, NEW.subtotal_minor, NEW.discount_minor,
        NEW.tax_minor, NEW.total_minor, NEW.seller_details, NEW.customer_details) IS NOT DISTINCT FROM (OLD.number, OLD.customer_id,
        OLD.currency, OLD.issued_on, OLD.subtotal_minor, OLD.discount_minor, OLD.tax_minor, OLD.total_minor, OLD.seller_details,
        OLD.customer_details) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a finalized invoice does not change';
END $$;
CREATE TRIGGER invoices_stay BEFORE UPDATE OR DELETE ON invoices FOR EACH ROW EXECUTE FUNCTION invoices_stay();
CREATE FUNCTION invoice_lines_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM invoices i WHERE i.seller_id = OLD.seller_id AND i.id = OLD.invoice_id AND i.number IS NOT NULL) THEN
        RAISE EXCEPTION 'a finalized invoice does not change';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
END $$;
CREATE TRIGGER invoice_lines_stay BEFORE UPDATE OR DELETE ON invoice_lines FOR EACH ROW EXECUTE FUNCTION invoice_lines_stay();
";
