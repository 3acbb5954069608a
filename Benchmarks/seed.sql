-- What the catalogue holds before a measurement that a registry's API would take too long to lead up to. The tables are
-- those of Sources/Catalog/SQLite/Schema.swift. Each part is run alone, by its name; :now is milliseconds since 1970.

-- part: tags
-- One repository with one manifest, an empty index, and 500,000 tags of it.
INSERT INTO repository (name, created_at) VALUES ('bench/tags', :now);
INSERT INTO manifest (repository_id, digest, media_type, size, pushed_at, bytes)
  SELECT id, :digest, 'application/vnd.oci.image.index.v1+json', length(:manifest), :now, :manifest
  FROM repository WHERE name = 'bench/tags';
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 500000)
INSERT INTO tag (repository_id, name, digest, began_at)
  SELECT repository.id, printf('v%06d', n), :digest, :now
  FROM number, repository WHERE repository.name = 'bench/tags';

-- part: repositories
-- 100,000 repositories with one manifest each.
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000)
INSERT INTO repository (name, created_at) SELECT printf('bench/repository-%06d', n), :now FROM number;
INSERT INTO manifest (repository_id, digest, media_type, size, pushed_at, bytes)
  SELECT id, :digest, 'application/vnd.oci.image.index.v1+json', length(:manifest), :now, :manifest
  FROM repository WHERE name LIKE 'bench/repository-%';

-- part: blobs
-- 1,000,000 blobs, all linked to one repository.
INSERT INTO repository (name, created_at) VALUES ('bench/blobs', :now);
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1000000)
INSERT INTO blob (digest, size, created_at) SELECT CAST(x'01' || randomblob(32) AS BLOB), 1024, :now FROM number;
INSERT INTO blob_link (repository_id, blob_id, linked_at)
  SELECT repository.id, blob.id, :now FROM blob, repository WHERE repository.name = 'bench/blobs';

-- part: garbage
-- The blobs of the table seed, which no manifest needs and which have waited for the collector since 1970.
INSERT INTO repository (name, created_at) VALUES ('bench/garbage', 0);
INSERT INTO blob (digest, size, created_at) SELECT digest, size, 0 FROM seed;
INSERT INTO blob_link (repository_id, blob_id, linked_at)
  SELECT repository.id, blob.id, 0
  FROM seed JOIN blob ON blob.digest = seed.digest, repository WHERE repository.name = 'bench/garbage';
INSERT INTO review (kind, repository_id, subject_id, touched_at)
  SELECT 1, repository_id, blob_id, 0
  FROM blob_link JOIN repository ON repository.id = repository_id WHERE repository.name = 'bench/garbage';
